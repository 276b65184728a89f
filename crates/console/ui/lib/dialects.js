// The five languages as people know them.
export const dialects = [
  { name: 'wporchestrix', title: 'WPOrchestrix', doc: 'dialects/wporchestrix.md' },
  { name: 'simple_jwt_login', title: 'Simple JWT Login', doc: 'dialects/simple_jwt_login.md' },
  { name: 'wncms', title: 'WNCMS', doc: 'dialects/wncms.md' },
  { name: 'wapka', title: 'Wapka', doc: 'dialects/wapka.md' },
  { name: 'jwt_auth', title: 'JWT Authentication for WP REST API', doc: 'dialects/jwt_auth.md' },
];
export const dialectTitle = (name) => dialects.find((d) => d.name === name)?.title ?? name;
