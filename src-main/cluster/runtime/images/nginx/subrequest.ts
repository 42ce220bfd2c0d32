/** Requests that a request makes inside of the server: for auth_request, mirror and add_before_body. */
import { ServerResponse } from 'node:http'
import { Request } from './request.js'

/** An answer that is kept in the place of being sent. */
export class KeptAnswer extends ServerResponse {
  private readonly parts: Buffer[] = []

  override write(part: Uint8Array | string): boolean {
    this.parts.push(Buffer.from(part as string))
    return true
  }

  override end(part?: unknown): this {
    if (typeof part === 'string' || part instanceof Uint8Array) this.write(part)
    queueMicrotask(() => {
      this.emit('finish')
      this.emit('close')
    })
    return this
  }

  get body(): Buffer {
    return Buffer.concat(this.parts)
  }
}

/**
 * Asks for a path of the same server with GET and gives what is answered.
 * @param answer lets the server answer, as for a client's request
 */
export async function subrequest(
  main: Request,
  target: string,
  answer: (request: Request) => Promise<void>,
): Promise<{ request: Request; res: KeptAnswer }> {
  const res = new KeptAnswer(main.req)
  const request = new Request(main.config, main.server, main.worker, main.req, res, main.connectionNumber, main.version, target)
  request.user = main.user
  await answer(request)
  return { request, res }
}
