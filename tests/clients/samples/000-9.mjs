// JWT login
const response = await fetch("{{BASE}}/api/v1/jwt", {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ email: "{{EMAIL}}", password: "{{PASSWORD}}" })
});
const tokens = await response.json();

// Use access token
const sites = await fetch("{{BASE}}/api/v1/sites", {
  headers: { "Authorization": `Bearer ${tokens.access_token}` }
});

// for the runner
console.log(JSON.stringify(tokens) + "\n= " + response.status);
console.log(await sites.text() + "\n= " + sites.status);
