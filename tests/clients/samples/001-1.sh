curl -X POST '{{BASE}}/?rest_route=/simple-jwt-login/v1/auth&email={{EMAIL}}&password={{PASSWORD}}'
