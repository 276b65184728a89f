curl {{BASE}}/v1/posts \
  -H "Authorization: Bearer {{WAPKA_TOKEN}}"
