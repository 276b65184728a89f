curl -X POST {{BASE}}/api/v1/jwt/refresh \
  -H "Content-Type: application/json" \
  -d '{"refresh_token": "{{REFRESH_TOKEN}}"}'
