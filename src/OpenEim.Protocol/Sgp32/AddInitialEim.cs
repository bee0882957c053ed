using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp32;

/// <summary>ES10b AddInitialEimRequest, tag BF57 (SGP.32 5.9.4): what a factory loads into a card that has no eIM yet.</summary>
public sealed record AddInitialEimRequest(IReadOnlyList<EimConfigurationData> Eims) : IBerMessage<AddInitialEimRequest>
{
    /// <inheritdoc/>
    public static AddInitialEimRequest Decode(ref BerReader reader) => new(EimConfigurationDataList.Read(ref reader, Sgp32Tags.AddInitialEim));

    /// <inheritdoc/>
    public void Encode(AsnWriter writer) => EimConfigurationDataList.Write(writer, Sgp32Tags.AddInitialEim, Eims);
}

/// <summary>ES10b AddInitialEimResponse, tag BF57 (SGP.32 5.9.4): an association token or null for each eIM, or an error; all or nothing.</summary>
public sealed record AddInitialEimResponse(IReadOnlyList<long?>? AssociationTokens, AddEimResultCode? Error = null) : IBerMessage<AddInitialEimResponse>
{
    /// <inheritdoc/>
    public static AddInitialEimResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.AddInitialEim);
        if (inner.NextIs(0x81))
        {
            return new AddInitialEimResponse(null, (AddEimResultCode)inner.ReadInt32(0x81));
        }

        var list = inner.ReadConstructed(0xA0);
        var tokens = new List<long?>();
        while (list.HasData)
        {
            tokens.Add(list.TryReadNull() ? null : list.ReadInteger(0x84));
        }

        return new AddInitialEimResponse(tokens);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.AddInitialEim))
        {
            if (AssociationTokens is null)
            {
                writer.Integer(0x81, (int)(Error ?? AddEimResultCode.UndefinedError));
                return;
            }

            using (writer.Constructed(0xA0))
            {
                foreach (var token in AssociationTokens)
                {
                    writer.OptionalInteger(0x84, token);
                    writer.OptionalNull(0x05, token is null);
                }
            }
        }
    }
}

/// <summary>ES10b GetEimConfigurationDataRequest, tag BF55 (SGP.32 5.9.18): all eIMs, or one.</summary>
public sealed record GetEimConfigurationDataRequest(string? EimId = null) : IBerMessage<GetEimConfigurationDataRequest>
{
    /// <inheritdoc/>
    public static GetEimConfigurationDataRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.GetEimConfigurationData);
        string? eimId = null;
        if (inner.TryReadConstructed(0xA0, out var search))
        {
            eimId = search.ReadUtf8(0x80, 1, 128);
        }

        inner.SkipUnknown();
        return new GetEimConfigurationDataRequest(eimId);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.GetEimConfigurationData))
        {
            if (EimId is not null)
            {
                using (writer.Constructed(0xA0))
                {
                    writer.Utf8(0x80, EimId);
                }
            }
        }
    }
}

/// <summary>ES10b GetEimConfigurationDataResponse, tag BF55 (SGP.32 5.9.18).</summary>
public sealed record GetEimConfigurationDataResponse(IReadOnlyList<EimConfigurationData> Eims) : IBerMessage<GetEimConfigurationDataResponse>
{
    /// <inheritdoc/>
    public static GetEimConfigurationDataResponse Decode(ref BerReader reader) => new(EimConfigurationDataList.Read(ref reader, Sgp32Tags.GetEimConfigurationData));

    /// <inheritdoc/>
    public void Encode(AsnWriter writer) => EimConfigurationDataList.Write(writer, Sgp32Tags.GetEimConfigurationData, Eims);
}

/// <summary>[0] SEQUENCE OF EimConfigurationData inside an ES10b message.</summary>
internal static class EimConfigurationDataList
{
    public static List<EimConfigurationData> Read(ref BerReader reader, uint tag)
    {
        var inner = reader.ReadConstructed(tag);
        var list = inner.ReadConstructed(0xA0);
        inner.SkipUnknown();
        var eims = new List<EimConfigurationData>();
        while (list.HasData)
        {
            eims.Add(EimConfigurationData.Decode(ref list, 0x30));
        }

        return eims;
    }

    public static void Write(AsnWriter writer, uint tag, IReadOnlyList<EimConfigurationData> eims)
    {
        using (writer.Constructed(tag))
        using (writer.Constructed(0xA0))
        {
            foreach (var eim in eims)
            {
                eim.Encode(writer, 0x30);
            }
        }
    }
}
