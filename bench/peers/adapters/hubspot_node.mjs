// The official Node client, @hubspot/api-client.
//
// Settings, and the page each follows:
// * numberOfApiCallRetries: "Retry mechanism" of its README, which shows 3.
// * limiterOptions: "Rate limiting"; its default of nine requests a second is for a
//   portal with a limit, so here it only bounds what is in flight.
// * basePath: "To change the base path".

import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const BATCH = 100
const KEY = 'hs_call_external_id'
const [source, folder] = process.argv.slice(2)
const { Client } = createRequire(process.env.PEER_ROOM + '/')('@hubspot/api-client')

const client = new Client({
  accessToken: 'any',
  basePath: process.env.PEER_URL,
  numberOfApiCallRetries: 3,
  limiterOptions: { maxConcurrent: 8, minTime: 0 },
})
const report = fs.openSync(path.join(folder, 'report.ndjson'), 'w')

function tell(keys, ok) {
  fs.writeSync(report, keys.map((key) => JSON.stringify({ key, ok }) + '\n').join(''))
}

async function create(inputs) {
  const keys = inputs.map((each) => each.properties[KEY])
  try {
    const answer = await client.crm.objects.calls.batchApi.create({ inputs })
    const made = new Set(answer.results.map((each) => each.properties[KEY]))
    tell(keys.filter((key) => made.has(key)), true)
    tell(keys.filter((key) => !made.has(key)), false)
  } catch (error) {
    console.error(`a batch failed: ${error.message}`)
    tell(keys, false)
  }
}

const lines = fs.readFileSync(source, 'utf8').split('\n').filter(Boolean)
const batches = []
for (let at = 0; at < lines.length; at += BATCH) {
  batches.push(lines.slice(at, at + BATCH).map((each) => JSON.parse(each)))
}
await Promise.all(batches.map(create))
