namespace OpenEim.Fuzzing.Mutation;

/// <summary>Changes BER along its structure: values, tags, lengths, order, number and depth of TLVs.</summary>
internal static class BerMutator
{
    private const int MaxNesting = 80;

    /// <summary>Changes an input once.</summary>
    /// <param name="input">The input; what is no BER comes back as null.</param>
    /// <param name="other">Another input, to take TLVs from.</param>
    /// <param name="random">Decides what is done.</param>
    public static byte[]? Mutate(byte[] input, byte[] other, Random random)
    {
        if (BerNode.ReadAll(input) is not { Count: > 0 } roots)
        {
            return null;
        }

        var all = BerNode.Walk(roots).ToList();
        var node = all[random.Next(all.Count)];
        switch (random.Next(12))
        {
            case 0 or 1 or 2:
                ReplaceLeaf(all, random);
                break;
            case 3:
                ListOf(roots, all, node).Remove(node);
                break;
            case 4:
                Duplicate(ListOf(roots, all, node), node, random);
                break;
            case 5:
                Move(ListOf(roots, all, node), random);
                break;
            case 6:
                node.Tag = ChangeTag(node.Tag, random);
                break;
            case 7:
                node.WrongLength = Values.WrongLengths[random.Next(Values.WrongLengths.Length)];
                break;
            case 8:
                Nest(node, random);
                break;
            case 9:
                Splice(ListOf(roots, all, node), node, other, random);
                break;
            case 10:
                Insert(ListOf(roots, all, node), random);
                break;
            default:
                (node.Value, node.Children) = node.Children is { } children ? (BerNode.Write(children), null) : (Values.Leaf(random), BerNode.ReadAll(node.Value));
                break;
        }

        return BerNode.Write(roots);
    }

    /// <summary>Gives one leaf another value, the rest stays.</summary>
    public static void ReplaceLeaf(IReadOnlyList<BerNode> all, Random random)
    {
        var leaves = all.Where(node => node.Children is null).ToList();
        if (leaves.Count == 0)
        {
            return;
        }

        var leaf = leaves[random.Next(leaves.Count)];
        if (random.Next(3) > 0 || leaf.Value.Length == 0)
        {
            leaf.Value = Values.Leaf(random);
            return;
        }

        leaf.Value = [.. leaf.Value];
        leaf.Value[random.Next(leaf.Value.Length)] ^= (byte)(1 << random.Next(8));
    }

    private static List<BerNode> ListOf(List<BerNode> roots, List<BerNode> all, BerNode node) =>
        all.FirstOrDefault(parent => parent.Children?.Contains(node) == true)?.Children ?? roots;

    private static void Duplicate(List<BerNode> list, BerNode node, Random random)
    {
        var times = random.Next(20) == 0 ? 300 : random.Next(1, 4);
        list.InsertRange(list.IndexOf(node), Enumerable.Range(0, times).Select(_ => node.Copy()));
    }

    private static void Move(List<BerNode> list, Random random)
    {
        var node = list[random.Next(list.Count)];
        list.Remove(node);
        list.Insert(random.Next(list.Count + 1), node);
    }

    private static byte[] ChangeTag(byte[] tag, Random random)
    {
        if (random.Next(3) > 0)
        {
            return Values.Tags[random.Next(Values.Tags.Length)];
        }

        byte[] changed = [.. tag];
        changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
        return changed;
    }

    private static void Nest(BerNode node, Random random)
    {
        var depth = random.Next(4) == 0 ? random.Next(MaxNesting) : random.Next(1, 3);
        for (var i = 0; i < depth; i++)
        {
            var inner = new BerNode { Tag = node.Tag, Value = node.Value, Children = node.Children, WrongLength = node.WrongLength };
            node.Children = [inner];
            node.WrongLength = null;
        }
    }

    private static void Splice(List<BerNode> list, BerNode node, byte[] other, Random random)
    {
        if (BerNode.ReadAll(other) is not { Count: > 0 } roots)
        {
            return;
        }

        var all = BerNode.Walk(roots).ToList();
        var taken = all[random.Next(all.Count)];
        var at = list.IndexOf(node);
        if (random.Next(2) == 0)
        {
            list[at] = taken;
            return;
        }

        list.Insert(at, taken);
    }

    private static void Insert(List<BerNode> list, Random random) => list.Insert(
        random.Next(list.Count + 1), new BerNode { Tag = Values.Tags[random.Next(Values.Tags.Length)], Value = Values.Leaf(random) });
}
