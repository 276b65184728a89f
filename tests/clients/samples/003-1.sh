curl -X POST {{BASE}}/v1/auth/token \
  -H "Content-Type: application/json" \
  -d '{"site": "yoursite"}'
