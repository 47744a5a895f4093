-- One kind of request for wrk, with a user and a conversation drawn anew for each.
-- Arguments: endpoint, file of lines "user conversation token".

local endpoint
local users, conversations, tokens = {}, {}, {}

local bodies = {
    get_messages = function(c) return '{"conversation_id":' .. c .. '}' end,
    get_conversation = function(c) return '{"conversation_id":' .. c .. '}' end,
    get_conversations = function() return '{}' end,
    mark_read = function(c) return '{"conversation_id":' .. c .. '}' end,
    send_message = function(c)
        return '{"conversation_id":' .. c .. ',"message_type":"text","content":"关于产品推广视频的细节，请确认。"}'
    end,
}

local threads = 0

-- Each thread draws a sequence of its own.
function setup(thread)
    threads = threads + 1
    thread:set("number", threads)
end

function init(arguments)
    endpoint = arguments[1]
    for line in io.lines(arguments[2]) do
        local user, conversation, token = line:match("^(%d+) (%d+) (%S+)$")
        users[#users + 1] = user
        conversations[#conversations + 1] = conversation
        tokens[#tokens + 1] = token
    end
    math.randomseed(os.time() * 100 + number)
end

function request()
    local place = math.random(#tokens)
    return wrk.format(
        "POST", "/api/v1/conversation/" .. endpoint,
        { ["Authorization"] = "Bearer " .. tokens[place], ["Content-Type"] = "application/json" },
        bodies[endpoint](conversations[place]))
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        'result {"requests":%d,"seconds":%.3f,"p50_us":%d,"p99_us":%d,"max_us":%d,"errors":%d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), latency.max,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
