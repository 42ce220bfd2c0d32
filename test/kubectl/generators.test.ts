import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestCluster } from './support/cluster.js'
import { withoutIdentity } from './support/text.js'

/** What the generators of `kubectl create` make, as the server has stored it. */

const file = path.resolve(import.meta.dirname, '../data/generators.yaml')
/** Each with the arguments it follows from; only that of a schedule has blanks in it. */
const generated = fs
  .readFileSync(file, 'utf8')
  .split(/^--- # /m)
  .slice(1)
  .map((text) => [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n') + 1)] as const)

const argumentsOf = (line: string): string[] =>
  line
    .replace('*/5 * * * *', '*/5~*~*~*~*')
    .split(' ')
    .map((word) => word.replaceAll('~', ' '))

let cluster: TestCluster
beforeAll(async () => {
  cluster = await TestCluster.start()
  cluster.ok('create namespace here')
  cluster.ok('config set-context --current --namespace=here')
})
afterAll(() => cluster?.stop())

it.each(generated)('create %s', (line, yaml) => {
  const words = argumentsOf(line)
  const command = words.indexOf('--')
  const at = command < 0 ? words.length : command
  const made = cluster.ok(['create', ...words.slice(0, at), '-o', 'yaml', ...words.slice(at)])
  const steady = withoutIdentity(made)
    .replace(/^( *resourceVersion: )"\d+"$/gm, '$1"N"')
    .replace(/nodePort: 3[0-2]\d{3}/, (port) => (yaml.includes(port) ? port : 'nodePort: NODE-PORT'))
  expect(steady).toBe(yaml)
})
