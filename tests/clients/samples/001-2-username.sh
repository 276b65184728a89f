curl -X POST '{{BASE}}/?rest_route=/simple-jwt-login/v1/auth' \
-H 'Content-Type: application/json' \
-d '{
"username": "{{USERNAME}}",
"password_hash" : "{{PASSWORD_HASH}}",
"AUTH_CODE": "{{AUTH_CODE}}"
}'
