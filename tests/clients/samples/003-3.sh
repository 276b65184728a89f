curl -X POST {{BASE}}/v1/auth/login \
  -H "Content-Type: application/json" \
  -d '{
    "site": "yoursite",
    "username": "{{USERNAME}}",
    "password": "{{PASSWORD}}"
  }'
