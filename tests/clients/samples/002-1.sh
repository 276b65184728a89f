curl -X POST "{{BASE}}/api/v1/posts" \
  -H "Content-Type: application/json" \
  -d '{
    "api_token": "{{API_TOKEN}}",
    "page_size": 10
  }'
