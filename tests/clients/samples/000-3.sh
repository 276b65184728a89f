curl -H "Authorization: Bearer {{ACCESS_TOKEN}}" \
  {{BASE}}/api/v1/sites
