curl --location --request GET '{{BASE}}/wp-json/dt-posts/v2/contacts/' \
--header 'Content-Type: application/json' \
--header 'authorization: Bearer {{WP_TOKEN}}'
