/** Electron's Node before version 20 has Web Crypto, but not as the global that `jose` expects. Import this before it. */
import { webcrypto } from 'node:crypto'

if (!('crypto' in globalThis)) Object.defineProperty(globalThis, 'crypto', { value: webcrypto, configurable: true })
