import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { live, newDirectory, openKind, row, screenOf, startElectron } from './support/app.js'

/** Commands and links of a person's own in a real Electron: programs run in the backend's process, pages open in the browser of the system. */

test('a command runs in a terminal, and a link is handed to the system', async () => {
  const data = newDirectory()
  const commands = [
    { name: 'Look', scopes: ['nodes'], command: 'sh', args: ['-c', 'echo "$0 of $1 at $PWD"; read -r x', '$NAME', '$CONTEXT'] },
    { name: 'Page', scopes: ['all'], url: 'https://example.com/$KIND/$NAME' },
  ]
  fs.writeFileSync(path.join(data, 'settings.json'), JSON.stringify({ commands }))
  const { app, page } = await startElectron(data, { SHELL: '/bin/sh' })
  try {
    await live(page)
    await openKind(page, 'Nodes')
    const choose = async (item: string): Promise<void> => {
      await row(page, 'drydock').click({ button: 'right' })
      await page.getByRole('menuitem', { name: item }).click()
    }
    await choose('Look')
    await expect(screenOf(page)).toContainText(`drydock of drydock at ${data}`)
    await app.evaluate(({ shell }) => {
      const opened: string[] = []
      Object.assign(globalThis, { opened })
      shell.openExternal = (url) => (opened.push(url), Promise.resolve())
    })
    await choose('Page')
    await expect
      .poll(() => app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened))
      .toEqual(['https://example.com/Node/drydock'])
  } finally {
    await app.close()
    fs.rmSync(data, { recursive: true, force: true })
  }
})
