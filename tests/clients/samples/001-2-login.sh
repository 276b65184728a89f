curl -X POST '{{BASE}}/?rest_route=/simple-jwt-login/v1/auth' \
-H 'Content-Type: application/json' \
-d '{
"login": "{{USERNAME}}",
"password" : "{{PASSWORD}}",
"AUTH_CODE": "{{AUTH_CODE}}"
}'
