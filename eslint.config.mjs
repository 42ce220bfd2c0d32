// ESLint does what oxlint cannot: Vue templates, and the walls between the rooms of the house.
import path from 'node:path'
import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'

/** Which rooms a room may import from (besides itself), by path prefix; `types` allows type-only imports. */
const walls = [
  { room: 'src-main/cluster/', may: ['src-main/directories.ts', 'src-main/exact-json.ts'] },
  { room: 'src-main/backend/', may: ['src-main/directories.ts', 'src-main/exact-json.ts'] },
  { room: 'src-main/main/', may: ['src-main/backend/', 'src-main/directories.ts'] },
  { room: 'src-renderer/', may: [], types: ['src-main/backend/rpc/contract.ts'] },
]
/** Inside the cluster these see the world only through the in-process client. */
const clientOnly = ['controllers', 'scheduler', 'kubelet'].map((r) => `src-main/cluster/${r}/`)

const rooms = {
  rules: {
    walls: {
      meta: { type: 'problem', schema: [], messages: { wall: '{{from}} may not import {{to}}: {{why}}' } },
      create(context) {
        const root = context.cwd
        const from = path.relative(root, context.filename).replaceAll('\\', '/')
        const wall = walls.find((w) => from.startsWith(w.room))
        if (!wall) return {}
        const check = (node) => {
          const source = node.source?.value
          if (typeof source !== 'string' || !source.startsWith('.')) return
          const to = path
            .relative(root, path.resolve(path.dirname(context.filename), source))
            .replaceAll('\\', '/')
            .replace(/\.js$/, '.ts')
          if (!to.startsWith(wall.room) && to.startsWith('src-') && !wall.may.some((m) => to.startsWith(m))) {
            const typeOnly = node.importKind === 'type' || node.exportKind === 'type'
            if (!(typeOnly && wall.types?.some((m) => to.startsWith(m))))
              context.report({ node, messageId: 'wall', data: { from, to, why: `the room ${wall.room} is closed to it` } })
          }
          if (clientOnly.some((r) => from.startsWith(r)) && to.startsWith('src-main/cluster/store/'))
            context.report({ node, messageId: 'wall', data: { from, to, why: 'only the API server reaches the store' } })
        }
        return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check, ImportExpression: check }
      },
    },
    'one-clock': {
      meta: {
        type: 'problem',
        schema: [],
        messages: { clock: 'use the cluster clock (clock.ts) or random source (random.ts) instead of {{what}}' },
      },
      create(context) {
        const report = (node, what) => context.report({ node, messageId: 'clock', data: { what } })
        return {
          CallExpression(node) {
            const c = node.callee
            if (c.type === 'Identifier' && ['setTimeout', 'setInterval'].includes(c.name)) report(node, c.name)
            if (c.type === 'MemberExpression' && c.object.type === 'Identifier' && c.property.type === 'Identifier') {
              const name = `${c.object.name}.${c.property.name}`
              if (['Date.now', 'Math.random', 'performance.now'].includes(name)) report(node, name)
            }
          },
          NewExpression(node) {
            if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0) report(node, 'new Date()')
          },
        }
      },
    },
  },
}

export default [
  { ignores: ['out/**', 'dist/**', '.cache/**', 'test/data/**', '**/generated/**'] },
  ...vue.configs['flat/essential'],
  {
    files: ['**/*.ts', '**/*.mjs', '**/*.vue'],
    languageOptions: { parserOptions: { parser: ts.parser, sourceType: 'module' } },
    plugins: { rooms },
    rules: { 'rooms/walls': 'error', 'vue/multi-word-component-names': 'off' },
  },
  // Rules of TypeScript are oxlint's; the plugin is here so that comments about them are understood.
  { linterOptions: { reportUnusedDisableDirectives: 'off' }, plugins: { '@typescript-eslint': ts.plugin } },
  { files: ['**/*.ts', '**/*.mjs'], languageOptions: { parser: ts.parser } },
  {
    files: ['src-main/cluster/**/*.ts'],
    ignores: ['src-main/cluster/clock.ts', 'src-main/cluster/host.ts'],
    rules: { 'rooms/one-clock': 'error' },
  },
]
