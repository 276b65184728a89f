var request = require('request');
var options = {
  'method': 'GET',
  'url': '{{BASE}}/wp-json/dt-posts/v2/contacts/',
  'headers': {
    'Content-Type': 'application/json',
    'authorization': 'Bearer {{WP_TOKEN}}'
  }
};
request(options, function (error, response) {
  if (error) throw new Error(error);
  console.log(response.body);
  console.log('= ' + response.statusCode); // for the runner
});
