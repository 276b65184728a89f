curl -X POST {{BASE}}/api/v1/jwt/revoke \
  -H "Authorization: Bearer {{ACCESS_TOKEN}}" \
  -H "Content-Type: application/json" \
  -d '{"token": "{{ACCESS_TOKEN}}"}'
