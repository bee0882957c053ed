using OpenEim.Fuzzing.Mutation;

namespace OpenEim.Fuzzing.Signed;

/// <summary>Puts a random value of the right outer tag into one leaf of a message.</summary>
internal static class OddLeaf
{
    private const int LongestValue = 2_000;

    /// <summary>Changes one leaf.</summary>
    /// <param name="message">A well-formed message.</param>
    /// <param name="isFree">Whether a leaf may be changed: told by the tags from the message's own down to the leaf's, as hexadecimal digits with slashes.</param>
    /// <param name="random">Chooses leaf and value.</param>
    /// <returns>The changed message and the path of the leaf.</returns>
    public static (byte[] Message, string Path) Change(byte[] message, Func<string, bool> isFree, Random random)
    {
        var roots = BerNode.ReadAll(message)!;
        var leaves = Leaves(roots, "").Where(leaf => isFree(leaf.Path)).ToList();
        if (leaves.Count == 0)
        {
            return (message, "");
        }

        var (node, path) = leaves[random.Next(leaves.Count)];
        var value = Values.Leaf(random);
        node.Value = value.Length > LongestValue ? value[..LongestValue] : value;

        // A constructed leaf was empty; what it holds now need not be TLVs.
        node.Children = null;
        return (BerNode.Write(roots), $"{path}={Convert.ToHexString(node.Value[..Math.Min(node.Value.Length, 24)])}{(node.Value.Length > 24 ? $"… ({node.Value.Length} bytes)" : "")}");
    }

    private static IEnumerable<(BerNode Node, string Path)> Leaves(IEnumerable<BerNode> nodes, string above) => nodes.SelectMany(node =>
    {
        var path = $"{above}/{Convert.ToHexString(node.Tag)}";
        return node.Children is { Count: > 0 } children ? Leaves(children, path) : [(node, path)];
    });
}
