-- Asks about another page each time: the one that is named, and a number.
local base, page = wrk.headers["X-Original-URI"], 0

request = function()
  page = page + 1
  wrk.headers["X-Original-URI"] = base .. "/" .. page
  return wrk.format()
end
