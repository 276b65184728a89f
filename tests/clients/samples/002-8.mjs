const url = '{{BASE}}/api/v1/posts/hello'
const apiToken = '{{API_TOKEN}}'

// Custom implementation (not built-in)
const response = await fetch(url, {
  headers: {
    Authorization: `Bearer ${apiToken}`,
  },
})

console.log((await response.text()) + '\n= ' + response.status) // for the runner
