import { CompletionContext, type CompletionSource } from '@codemirror/autocomplete'
import { yaml } from '@codemirror/lang-yaml'
import { EditorState } from '@codemirror/state'
import { expect, it, vi } from 'vitest'
import { setBackend } from '../../src-renderer/app/rpc.js'
import { yamlHelp } from '../../src-renderer/editor/yaml-help.js'

it('where nothing has been typed yet there is nothing to complete, also while the schemas are still on their way', async () => {
  const asked = vi.fn(() => new Promise(() => undefined))
  setBackend({ call: asked } as never)
  const doc = 'apiVersion: apps/v1\nkind: Deployment\nspec:\n  '
  const state = EditorState.create({ doc, extensions: [yaml(), yamlHelp('lab', () => [])] })
  const [complete] = state.languageDataAt<CompletionSource>('autocomplete', doc.length)
  expect(await complete!(new CompletionContext(state, doc.length, false))).toBeNull()
  expect(asked).not.toHaveBeenCalled()
  void complete!(new CompletionContext(state, doc.length, true))
  await vi.waitFor(() => expect(asked).toHaveBeenCalledWith('schemas.get', { context: 'lab', group: 'apps', version: 'v1' }), 15_000)
})
