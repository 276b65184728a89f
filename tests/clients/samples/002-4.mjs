// Reading posts - no auth required (if configured)
const posts = await fetch('/api/v1/posts', {
  method: 'GET',
})

console.log((await posts.text()) + '\n= ' + posts.status) // for the runner
