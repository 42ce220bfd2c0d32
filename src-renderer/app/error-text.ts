import type { RpcError } from '../../src-main/backend/rpc/contract.js'
import { i18n } from './i18n/i18n.js'

/** A value as long as a whole object, in the sentence of a server that could not read a patch. What is wrong follows it. */
const WHOLE_PATCH = /(patch: Invalid value: )"(?:[^"\\]|\\.){100,}"/

/** What an error says, in the window's language where the sentence is Drydock's own; the words of servers and programs stay as they are. */
export function errorText({ message, sentence }: RpcError): string {
  const key = sentence && `said.${sentence.code}`
  return key && i18n.global.te(key) ? i18n.global.t(key, sentence.values ?? {}) : message.replace(WHOLE_PATCH, '$1"…"')
}
