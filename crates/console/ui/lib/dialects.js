// The five languages as people know them.
export const dialects = [
  { name: 'wporchestrix', title: 'WPOrchestrix', doc: 'dialects/wporchestrix' },
  { name: 'simple_jwt_login', title: 'Simple JWT Login', doc: 'dialects/simple_jwt_login' },
  { name: 'wncms', title: 'WNCMS', doc: 'dialects/wncms' },
  { name: 'wapka', title: 'Wapka', doc: 'dialects/wapka' },
  { name: 'jwt_auth', title: 'JWT Authentication for WP REST API', doc: 'dialects/jwt_auth' },
];
export const dialectTitle = (name) => dialects.find((d) => d.name === name)?.title ?? name;
