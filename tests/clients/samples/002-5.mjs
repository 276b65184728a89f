// Creating posts - auth required
const newPost = await fetch('/api/v1/posts/store', {
  method: 'POST',
  body: JSON.stringify({
    api_token: '{{API_TOKEN}}',
    title: 'New Post',
    content: 'Content here',
  }),
})

console.log((await newPost.text()) + '\n= ' + newPost.status) // for the runner
