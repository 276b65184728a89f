# No seed's sample: the same from a caller without a credential, where none is needed.
curl -H "X-Doorward-User-Id: spoofed" -H "X_Doorward_User_Id: spoofed" \
  {{BASE}}/api/v1/posts
