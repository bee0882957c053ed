using System.Reflection;
using System.Runtime.ExceptionServices;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Fuzzing.Targets.Decoders;

/// <summary>A target for each <see cref="IBerMessage{TSelf}"/> of OpenEim.Protocol, found by reflection, so that a new message is fuzzed from its first day.</summary>
internal static class BerTargets
{
    /// <summary>All of them, and the two decoders that dispatch by outer tag.</summary>
    public static IEnumerable<FuzzTarget> All() => MessageTypes().Select(Of).Concat(
    [
        new DecoderTarget<IBerMessage>("EsipaRequest", InputKind.Ber, "any ESipa message of an IPA", input => EsipaRequest.Decode(input), message => message.Encode(), ReadParts),
        new DecoderTarget<IBerMessage>("EsipaResponse", InputKind.Ber, "any ESipa message of an eIM", input => EsipaResponse.Decode(input), message => message.Encode(), ReadParts),
        new DecoderTarget<IReadOnlyList<uint>>("IpaEuiccDataTag", InputKind.Ber, "the tag list of BF52", input => IpaEuiccDataTag.Parse(input), null),
    ]);

    /// <summary>Every type that decodes itself.</summary>
    public static IEnumerable<Type> MessageTypes() => typeof(BerReader).Assembly.GetExportedTypes()
        .Where(type => type.GetInterfaces().Any(implemented => implemented.IsGenericType
            && implemented.GetGenericTypeDefinition() == typeof(IBerMessage<>)
            && implemented.GenericTypeArguments[0] == type))
        .OrderBy(type => type.Name, StringComparer.Ordinal);

    private static FuzzTarget Of(Type type) => (FuzzTarget)typeof(BerTargets)
        .GetMethod(nameof(Message), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, null)!;

    private static DecoderTarget<T> Message<T>() where T : IBerMessage<T> => new(
        typeof(T).Name,
        InputKind.Ber,
        $"{typeof(T).Namespace!["OpenEim.Protocol.".Length..]}.{typeof(T).Name}",
        input => BerMessage.Decode<T>(input),
        message => message.Encode(),
        message => ReadParts(message));

    /// <summary>Calls what decodes a part only when it is asked for: ReadSigned and its like.</summary>
    private static void ReadParts(IBerMessage message)
    {
        foreach (var reader in message.GetType().GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(method => method.Name.StartsWith("Read", StringComparison.Ordinal) && method.GetParameters().Length == 0))
        {
            try
            {
                reader.Invoke(message, null);
            }
            catch (TargetInvocationException e)
            {
                ExceptionDispatchInfo.Throw(e.InnerException!);
            }
        }
    }
}
