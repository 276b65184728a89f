curl -H "Authorization: token {{API_TOKEN}}" \
  {{BASE}}/api/v1/sites
