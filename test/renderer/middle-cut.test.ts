import { describe, expect, it } from 'vitest'
import { cutMiddle } from '../../src-renderer/components/middle-cut.js'

/** Ten px a letter. */
const measure = (text: string): number => text.length * 10

describe('a long name', () => {
  it('is whole where there is room for it', () => {
    expect(cutMiddle('kube-controller-manager-drydock', 310, measure)).toBe('kube-controller-manager-drydock')
  })
  it('is cut in the middle, takes all the room, and keeps its end', () => {
    expect(cutMiddle('kube-controller-manager-drydock', 309, measure)).toBe('kube-controller-mana…r-drydock')
    expect(cutMiddle('kube-controller-manager-drydock', 200, measure)).toBe('kube-contr…r-drydock')
  })
  it('keeps its first letter and its end where there is hardly any room', () => {
    expect(cutMiddle('kube-controller-manager-drydock', 20, measure)).toBe('k…r-drydock')
  })
  it('is whole before anything can be measured', () => {
    expect(cutMiddle('kube-controller-manager-drydock', 0, measure)).toBe('kube-controller-manager-drydock')
    expect(cutMiddle('kube-controller-manager-drydock', 100, () => 0)).toBe('kube-controller-manager-drydock')
  })
})
