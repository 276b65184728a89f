import requests

# JWT login
response = requests.post("{{BASE}}/api/v1/jwt", json={
    "email": "{{EMAIL}}",
    "password": "{{PASSWORD}}"
})
tokens = response.json()

# Use access token
sites = requests.get("{{BASE}}/api/v1/sites", headers={
    "Authorization": f"Bearer {tokens['access_token']}"
})

# for the runner
for answer in (response, sites):
    print(answer.text, f"= {answer.status_code}", sep="\n")
