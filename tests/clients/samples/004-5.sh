# The seed tells it in prose: "make a POST request sending the Authorization header".
curl -X POST {{BASE}}/wp-json/jwt-auth/v1/token/validate \
  -H "Authorization: Bearer {{WP_TOKEN}}"
