import { describe, expect, it } from 'vitest'
import { targetOf } from '../../src-renderer/actions/run.js'
import { useDialogs } from '../../src-renderer/stores/dialogs.js'
import { button, dialog, fake, open, settle, withWindow } from './whole-window.js'

withWindow()

const image = () => dialog()!.querySelector<HTMLInputElement>('#image-0')!
const offered = (selector: string) => [...dialog()!.querySelectorAll<HTMLOptionElement>(`${selector} option`)].map((o) => o.value)
async function show(): Promise<void> {
  await open('/c/drydock/deployments.apps?ns=shop')
  useDialogs().open({
    type: 'image',
    target: targetOf('drydock', { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart', namespace: 'shop' })!,
  })
  await settle()
}

describe('the dialog that sets an image', () => {
  it('offers images that are known, those of the same repository first, and asks no registry by itself', async () => {
    fake.images = ['busybox:1.37', 'registry.example.com/shop/cart:2.13.0', 'registry.example.com/shop/cart:2.14.1']
    await show()
    expect(image().value).toBe('registry.example.com/shop/cart:2.14.1')
    expect(offered('datalist')).toEqual(['registry.example.com/shop/cart:2.13.0', 'registry.example.com/shop/cart:2.14.1', 'busybox:1.37'])
    expect(fake.calls.some((c) => c.method === 'images.tags')).toBe(false)
  })

  it('takes a tag that the registry has', async () => {
    fake.tags = ['3.0.0', '2.14.1']
    await show()
    button('Tags', dialog()!)!.click()
    await settle()
    expect(fake.calls.find((c) => c.method === 'images.tags')!.params).toMatchObject({ image: 'registry.example.com/shop/cart' })
    expect(dialog()!.querySelector('select')!.textContent).toContain('2 tags')
    const select = dialog()!.querySelector('select')!
    select.value = 'registry.example.com/shop/cart:3.0.0'
    select.dispatchEvent(new Event('change'))
    await settle()
    expect(image().value).toBe('registry.example.com/shop/cart:3.0.0')
    expect(dialog()!.textContent).toContain('set image deployment.apps/cart cart=registry.example.com/shop/cart:3.0.0')
    button('Set image', dialog()!)!.click()
    await settle()
    expect(fake.find('deployments.apps', 'shop', 'cart').spec.template.spec.containers[0].image).toBe(
      'registry.example.com/shop/cart:3.0.0',
    )
  })

  it('says what the registry answered where it has none to tell; a typed tag is taken all the same', async () => {
    await show()
    button('Tags', dialog()!)!.click()
    await settle()
    expect(dialog()!.textContent).toContain('registry.example.com: repository name not known')
    image().value = 'registry.example.com/shop/cart:4'
    image().dispatchEvent(new Event('input'))
    await settle()
    expect(button('Set image', dialog()!)!.disabled).toBe(false)
  })
})
