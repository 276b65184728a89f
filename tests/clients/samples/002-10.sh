# The seed shows the server's side only ("Admin-only endpoint example"); this is a client of it.
curl -X POST "{{BASE}}/api/v1/tags/store" \
  -H "Content-Type: application/json" \
  -d '{"api_token": "{{API_TOKEN}}", "name": "New tag"}'
