curl -X POST {{BASE}}/?rest_route=/simple-jwt-login/v1/auth \
-d '{"email":"{{EMAIL}}","password":"{{PASSWORD}}"}'
