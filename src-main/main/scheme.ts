/** The `app://drydock/` scheme that the window is loaded from: files of the built renderer, under a strict CSP. */
import fs from 'node:fs/promises'
import path from 'node:path'
import { protocol } from 'electron'

export const APP_ORIGIN = 'app://drydock'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Before the app is ready: the scheme counts as secure and standard (storage, workers, relative URLs). */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }])
}

/** Serves the files of `root`, and nothing outside of it. */
export function handleAppScheme(root: string): void {
  protocol.handle('app', async (request) => {
    const url = new URL(request.url)
    const file = path.join(root, url.pathname === '/' ? 'index.html' : decodeURIComponent(url.pathname))
    if (url.host !== 'drydock' || !file.startsWith(root + path.sep)) return new Response('Not found.', { status: 404 })
    try {
      const body = await fs.readFile(file)
      return new Response(body, {
        headers: {
          'content-type': types[path.extname(file)] ?? 'application/octet-stream',
          'content-security-policy': CSP,
          'x-content-type-options': 'nosniff',
        },
      })
    } catch {
      return new Response('Not found.', { status: 404 })
    }
  })
}
