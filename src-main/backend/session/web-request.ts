/** Requests to servers that are no API servers of a context: identity providers, registries. Through the proxy of the environment. */
import http from 'node:http'
import https from 'node:https'
import { agentTo } from './agents.js'
import { environmentProxy } from './proxy.js'

/** ms without a byte before it fails. */
const TIMEOUT = 30_000
const MOST_ANSWER = 8 * 1024 * 1024

export interface WebAnswer {
  status: number
  headers: http.IncomingHttpHeaders
  text: string
}

/**
 * One request: a GET, or a POST of a form. Rejects with a plain Error when nothing answers, in time or at all.
 * @param who what the other side is called in errors, such as `the provider`
 */
export async function webRequest(
  address: string,
  o: { who: string; tls?: https.AgentOptions; form?: URLSearchParams; authorization?: string },
): Promise<WebAnswer> {
  const url = new URL(address)
  const agent = await agentTo(url, environmentProxy(url), o.tls ?? {})
  const body = o.form?.toString()
  return new Promise<WebAnswer>((resolve, reject) => {
    const request = (url.protocol === 'http:' ? http : https).request(
      url,
      {
        agent,
        method: body === undefined ? 'GET' : 'POST',
        timeout: TIMEOUT,
        headers: {
          accept: 'application/json',
          ...(o.authorization ? { authorization: o.authorization } : {}),
          ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) }),
        },
      },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part
          if (text.length > MOST_ANSWER) request.destroy(new Error('the answer is too large'))
        })
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }))
        answer.on('error', reject)
      },
    )
    request.on('timeout', () => request.destroy(Object.assign(new Error(`${o.who} did not answer in time`), { code: 'ETIMEDOUT' })))
    request.on('error', reject)
    request.end(body)
  }).finally(() => agent.destroy())
}
