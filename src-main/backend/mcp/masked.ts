/** Takes the values of Secrets out of what an assistant is given. */
import { isMap } from '../apply/fields.js'
import { fromYaml, toYaml } from '../apply/yaml.js'
import type { Json } from '../kinds/kind.js'

const MASK = '***'
/** It holds the whole manifest, with its values. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

const isSecret = (object: Json): boolean => object?.kind === 'Secret' && object.apiVersion === 'v1'

/** The object with `***` for its values where it is a Secret; values that are masked already stay as they are. */
export function maskedObject(object: Json): Json {
  if (!isSecret(object)) return object
  const masked = { ...object }
  for (const field of ['data', 'stringData'])
    if (isMap(object[field]))
      masked[field] = Object.fromEntries(
        Object.entries(object[field]).map(([key, value]) => [key, String(value).startsWith(`${MASK} (`) ? value : MASK]),
      )
  if (object.metadata?.annotations?.[LAST_APPLIED] !== undefined)
    masked.metadata = { ...object.metadata, annotations: { ...object.metadata.annotations, [LAST_APPLIED]: MASK } }
  return masked
}

/** The same of a YAML text of one object. */
export function maskedYaml(yaml: string): string {
  const [object] = fromYaml(yaml)
  return isSecret(object) ? toYaml(maskedObject(object)) : yaml
}

/** What `kubectl describe secret` prints: sizes, but of a ServiceAccount's token the token itself. */
export function maskedDescription(text: string): string {
  const at = text.search(/^Data\n====$/m)
  if (at < 0) return text
  const lines = text.slice(at).split('\n')
  const kept = lines.flatMap((line, i) => {
    if (i < 2 || line.trim() === '' || /^\S+:\s+\d+ bytes$/.test(line)) return [line]
    const key = /^[-._a-zA-Z0-9]+:/.exec(line)
    return key ? [`${key[0]}  ${MASK}`] : []
  })
  return text.slice(0, at) + kept.join('\n')
}
