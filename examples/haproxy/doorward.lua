-- Asks Doorward about a request. Everything that is no clear yes is a no.
-- `setenv DOORWARD http://127.0.0.1:8080` in haproxy.cfg says where it is.

local QUESTION = os.getenv("DOORWARD") .. "/_doorward/check/haproxy"

-- What belongs to the client's connection or to the question. `Host` is where HAProxy's client looks for Doorward; the
-- original's is in X-Forwarded-Host.
local NOT_ASKED = {
  ["host"] = true,
  ["connection"] = true, ["keep-alive"] = true, ["te"] = true, ["trailer"] = true, ["transfer-encoding"] = true,
  ["upgrade"] = true, ["content-length"] = true, ["expect"] = true, ["accept-encoding"] = true,
}
-- What HAProxy says of the answer itself.
local NOT_ANSWERED = { ["connection"] = true, ["keep-alive"] = true, ["transfer-encoding"] = true, ["content-length"] = true }

local function refuse(txn, status, headers, body)
  local reply = txn:reply()
  reply:set_status(status)
  for name, values in pairs(headers) do
    if not NOT_ANSWERED[name] then
      for _, value in pairs(values) do reply:add_header(name, value) end
    end
  end
  reply:set_body(body or "")
  txn:done(reply)
end

core.register_action("doorward", { "http-req" }, function(txn)
  local headers = {}
  for name, values in pairs(txn.http:req_get_headers()) do
    if not NOT_ASKED[name] and not name:find("^x[-_.]original") then
      headers[name] = {}
      for i = 0, #values do headers[name][i + 1] = values[i] end
    end
  end
  headers["x-original-method"] = { txn.f:method() }
  headers["x-original-uri"] = { txn.f:url() }

  local answer = core.httpclient():get({ url = QUESTION, headers = headers })
  if not answer or not answer.status or answer.status == 0 then
    return refuse(txn, 503, { ["content-type"] = { "application/json" } }, '{"error":{"code":"unavailable","message":"Service unavailable"}}')
  end
  local said = answer.headers or {}
  -- A yes always names the site; a preflight's 204 does not.
  if answer.status == 204 and said["x-doorward-site"] then
    -- What the application must not see (strip_credential).
    for name in (said["x-doorward-remove"] and said["x-doorward-remove"][0] or ""):gmatch("[^, ]+") do txn.http:req_del_header(name) end
    for name, values in pairs(said) do
      if name:find("^x%-doorward%-") and name ~= "x-doorward-remove" then txn.http:req_set_header(name, values[0]) end
    end
    return
  end
  -- Doorward answers this path itself, or takes the credential out of the query: the request goes there, with its body, and
  -- with the handle of what was counted of it.
  if said["x-doorward-send-here"] then
    if said["x-doorward-answer"] then txn.http:req_set_header("x-doorward-answer", said["x-doorward-answer"][0]) end
    txn:set_var("txn.doorward_own", true)
    return
  end
  refuse(txn, answer.status, said, answer.body)
end, 0)
