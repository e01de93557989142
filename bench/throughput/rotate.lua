-- wrk's script: posts ready-made bodies in turn. Its argument is a file that holds them,
-- each after its length and a line break.

local requests = {}
local turn = 0

function init(args)
  local file = assert(io.open(args[1], "rb"))
  local headers = {
    ["Authorization"] = "Bearer any",
    ["Content-Type"] = "application/json",
  }
  local path = "/crm/v3/objects/calls/batch/create"
  while true do
    local size = file:read("*n")
    if not size then break end
    file:read(1)
    requests[#requests + 1] = wrk.format("POST", path, headers, file:read(size))
  end
  file:close()
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"errors":%d}\n', summary.requests,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
