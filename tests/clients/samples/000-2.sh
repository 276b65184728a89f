curl -X POST {{BASE}}/api/v1/jwt \
  -H "Content-Type: application/json" \
  -d '{"email": "{{EMAIL}}", "password": "{{PASSWORD}}"}'
