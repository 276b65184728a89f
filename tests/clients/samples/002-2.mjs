const response = await fetch('{{BASE}}/api/v1/posts', {
  method: 'POST',
  headers: {
    'Content-Type': 'application/json',
  },
  body: JSON.stringify({
    api_token: '{{API_TOKEN}}',
    page_size: 10,
  }),
})

const result = await response.json()

console.log(JSON.stringify(result) + '\n= ' + response.status) // for the runner
