// Stands for the platform's JavaScript client: JSON with its own spelling of the header, to ?rest_route=.
import { request } from 'node:http'

const site = '{{BASE}}'
const [email, password, changed] = ['{{EMAIL}}', '{{PASSWORD}}', '{{CHANGED}}']

function call(method, endpoint, fields) {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify(fields)
    const options = {
      method,
      headers: { 'Content-type': 'application/json;charset=UTF-8', 'Content-Length': Buffer.byteLength(body) },
      lookup: (host, how, found) => (how.all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4)),
    }
    const sent = request(`${site}/?rest_route=/simple-jwt-login/v1${endpoint}`, options, async (answer) => {
      let heard = ''
      for await (const piece of answer.setEncoding('utf8')) heard += piece
      console.log(`${heard}\n= ${answer.statusCode}`) // for the runner
      resolve(JSON.parse(heard))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const authenticate = async (secret) => (await call('POST', '/auth', { email, password: secret })).data.jwt

await call('POST', '/users', { email, password })
const jwt = await authenticate(password)
const younger = (await call('POST', '/auth/refresh', { JWT: jwt })).data.jwt
await call('POST', '/auth/validate', { JWT: younger })
await call('POST', '/auth/revoke', { JWT: younger })
const fresh = await authenticate(password)
await call('PUT', '/user/reset_password', { email, new_password: changed, JWT: fresh })
const last = await authenticate(changed)
await call('DELETE', '/users', { JWT: last })
