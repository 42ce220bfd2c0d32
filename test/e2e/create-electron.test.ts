import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { live, newDirectory, startElectron } from './support/app.js'

/** Folders chosen in the system's own dialog, in a real Electron: the backend reads them itself, with what lies beside them. */

test('an overlay is chosen in the system’s dialog and built with a base that lies outside of it', async () => {
  const data = newDirectory()
  const write = (name: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(data, name)), { recursive: true })
    fs.writeFileSync(path.join(data, name), text)
  }
  write('base/kustomization.yaml', 'resources: [all.yaml]\n')
  write('base/all.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: base }\n')
  write('over/kustomization.yaml', 'resources: [../base]\nnamePrefix: over-\n')
  const { app, page } = await startElectron(data)
  try {
    await live(page)
    await app.evaluate(
      ({ dialog }, folder) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [folder] })
      },
      path.join(data, 'over'),
    )
    await page.getByRole('button', { name: 'Create from YAML' }).click()
    await page.getByRole('toolbar', { name: 'Create from YAML' }).getByRole('button', { name: 'Folder' }).click()
    await expect(page.getByRole('listbox', { name: 'Preview' }).getByRole('option')).toHaveText([/ConfigMap over-base\s*new/])
    await expect(page.getByText('Built from over')).toBeVisible()
  } finally {
    await app.close()
    fs.rmSync(data, { recursive: true, force: true })
  }
})
