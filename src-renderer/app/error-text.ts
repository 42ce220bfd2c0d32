import type { RpcError } from '../../src-main/backend/rpc/contract.js'
import { i18n } from './i18n/i18n.js'

/** What an error says, in the window's language where the sentence is Drydock's own; the words of servers and programs stay as they are. */
export function errorText({ message, sentence }: RpcError): string {
  const key = sentence && `said.${sentence.code}`
  return key && i18n.global.te(key) ? i18n.global.t(key, sentence.values ?? {}) : message
}
