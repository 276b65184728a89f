require "net/http"
require "json"

# JWT login
uri = URI("{{BASE}}/api/v1/jwt")
http = Net::HTTP.new(uri.host, uri.port)
http.use_ssl = uri.scheme == "https"

request = Net::HTTP::Post.new(uri, "Content-Type" => "application/json")
request.body = {email: "{{EMAIL}}", password: "{{PASSWORD}}"}.to_json
response = http.request(request)
tokens = JSON.parse(response.body)
puts response.body, "= #{response.code}" # for the runner

# Use access token
sites_uri = URI("{{BASE}}/api/v1/sites")
request = Net::HTTP::Get.new(sites_uri)
request["Authorization"] = "Bearer #{tokens["access_token"]}"
response = http.request(request)
puts response.body, "= #{response.code}" # for the runner
