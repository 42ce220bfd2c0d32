/** YAML as the API writes it: keys sorted, lists not indented, quotes around what YAML 1.1 reads as something else. */
import { Document, Scalar, visit } from 'yaml'
import { copyJson } from '../copy.js'

/** Words, numbers and times that readers of YAML 1.1 do not take for text. */
const AMBIGUOUS = /^(?:y|n|yes|no|on|off|true|false|null|~|[-+]?[\d_]+(?::[0-5]?\d)+(?:\.[\d_]*)?|0[0-7_]+|\d{4}-\d\d?-\d\d?(?:[Tt ].*)?)$/i

export function toYaml(object: unknown): string {
  const document = new Document(copyJson(object))
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'string' && AMBIGUOUS.test(node.value)) node.type = Scalar.QUOTE_DOUBLE
    },
  })
  document.contents = sorted(document.contents)
  return document.toString({ indentSeq: false, lineWidth: 0 })
}

/** Sorts the keys of all maps. */
function sorted<T>(contents: T): T {
  visit(contents as never, {
    Map(_key, map) {
      map.items.sort((a, b) => {
        const [x, y] = [String((a.key as Scalar).value), String((b.key as Scalar).value)]
        return x < y ? -1 : x > y ? 1 : 0
      })
    },
  })
  return contents
}
