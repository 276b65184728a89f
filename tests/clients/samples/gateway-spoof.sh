# No seed's sample: a caller that writes Doorward's own headers, in the spellings that servers
# behind have been known to read as one, and asks the proxy to drop the true one as hop-by-hop.
curl -H "Authorization: token {{API_TOKEN}}" \
  -H "X-Doorward-User-Id: spoofed" \
  -H "X_Doorward_User_Id: spoofed" \
  -H "x-doorward-roles: spoofed" \
  -H "Connection: X-Doorward-User-Id" \
  {{BASE}}/api/v1/sites
