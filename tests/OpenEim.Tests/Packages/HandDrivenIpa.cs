using OpenEim.Device.Euicc;
using OpenEim.Device.Ipa.Card;
using OpenEim.Device.Transports;
using OpenEim.Manager;
using OpenEim.Manager.Euiccs;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Tests.Packages;

/// <summary>An IPA whose every step the test takes by itself, so that it can lose, repeat and forge what it wants. What it sends goes through bytes.</summary>
internal sealed class HandDrivenIpa(VirtualEuicc card, Eim eim)
{
    private readonly EuiccFunctions _functions = new(new IsdrChannel(card));

    public Eid Eid => card.Eid;

    public EuiccSnapshot Card => card.Inspect();

    public EuiccFunctions Functions => _functions;

    /// <summary>The token that the card has for the eIM.</summary>
    public long? Token => _functions.GetEimConfigurationData().Eims[0].AssociationToken;

    /// <summary>Where its messages come from.</summary>
    public EsipaCaller Caller { get; init; } = EsipaCaller.Unknown;

    /// <summary>The same card, by an IPA whose messages come from elsewhere.</summary>
    public HandDrivenIpa By(EsipaCaller caller) => new(card, eim) { Caller = caller };

    /// <summary>The same card, polling another node.</summary>
    public HandDrivenIpa Towards(Eim other) => new(card, other);

    /// <summary>The same card, or somebody who calls himself so, from another place.</summary>
    public HandDrivenIpa At(string address, string connection = "", bool isEstablished = false) =>
        new(card, eim) { Caller = new EsipaCaller(address, connection, isEstablished) };

    /// <summary>Polls; null when the eIM has nothing.</summary>
    public async Task<byte[]?> PollAsync(bool notifyStateChange = false)
    {
        var request = new GetEimPackageRequest(Eid, notifyStateChange, notifyStateChange ? StateChangeCause.Fallback : null);
        var decoded = (GetEimPackageRequest)EsipaRequest.Decode(request.Encode());
        var response = BerMessage.Decode<GetEimPackageResponse>((await eim.Esipa.GetEimPackage.ExecuteAsync(decoded, Caller)).Encode());
        if (response.Package is { } package)
        {
            return package.ToArray();
        }

        Assert.Equal(GetEimPackageError.NoEimPackageAvailable, response.Error);
        return null;
    }

    /// <summary>Lets the card execute a package, or answers a data request.</summary>
    public EimPackageResult Execute(byte[] package) => package[1] switch
    {
        0x51 => new EimPackageResult(BerMessage.Decode<EuiccPackageResult>(_functions.LoadEuiccPackage(package)!.Encoded)),
        0x52 => new EimPackageResult(DataResponse: Answer(BerMessage.Decode<IpaEuiccDataRequest>(package))),
        _ => throw new InvalidOperationException("an unexpected package"),
    };

    /// <summary>Brings a result back, and deletes on the card what was acknowledged.</summary>
    public async Task<ProvideEimPackageResultResponse> ProvideAsync(EimPackageResult result, bool withEid = true)
    {
        var response = await ProvideAndLoseAnswerAsync(result, withEid);
        foreach (var number in response.Acknowledgements?.SequenceNumbers ?? [])
        {
            Assert.True(_functions.Remove(number));
        }

        return response;
    }

    /// <summary>Brings a result back; the answer does not reach the card.</summary>
    public async Task<ProvideEimPackageResultResponse> ProvideAndLoseAnswerAsync(EimPackageResult result, bool withEid = true)
    {
        var message = new ProvideEimPackageResult(withEid ? Eid : null, result).Encode();
        return await eim.Esipa.ProvideEimPackageResult.ExecuteAsync((ProvideEimPackageResult)EsipaRequest.Decode(message), Caller);
    }

    /// <summary>Lets the card roll back, and takes the new result.</summary>
    public EuiccPackageResult RollBack()
    {
        Assert.Equal(ProfileRollbackResult.Ok, _functions.Rollback());
        return BerMessage.Decode<EuiccPackageResult>(_functions.PendingResults()[^1].Encoded);
    }

    /// <summary>Takes and executes packages until the eIM has none.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> RunAsync()
    {
        var count = 0;
        while (await PollAsync() is { } package)
        {
            Assert.True(++count < 50, "the eIM never ends");
            await ProvideAsync(Execute(package));
        }

        return count;
    }

    public IpaEuiccData Answer(IpaEuiccDataRequest request)
    {
        var tags = IpaEuiccDataTag.Parse(request.TagList.Span);
        var certificates = BerMessage.Decode<GetCertsResponse>(_functions.GetCerts(null)!.Value);
        var (smdp, smds) = _functions.GetConfiguredAddresses();
        return new IpaEuiccData
        {
            TransactionId = request.TransactionId,
            EumCertificate = tags.Contains(IpaEuiccDataTag.EumCertificate) ? certificates.EumCertificate : null,
            EuiccCertificate = tags.Contains(IpaEuiccDataTag.EuiccCertificate) ? certificates.EuiccCertificate : null,
            EuiccInfo2 = tags.Contains(IpaEuiccDataTag.EuiccInfo2) ? _functions.GetEuiccInfo(0xBF22) : null,
            DefaultSmdpAddress = tags.Contains(IpaEuiccDataTag.DefaultSmdpAddress) ? smdp : null,
            AssociationToken = tags.Contains(IpaEuiccDataTag.AssociationToken) ? Token : null,
            RootSmdsAddress = tags.Contains(IpaEuiccDataTag.RootSmdsAddress) ? smds : null,
            PackageResults = tags.Contains(IpaEuiccDataTag.PackageResults) ? [.. _functions.PendingResults().Select(result => BerMessage.Decode<EuiccPackageResult>(result.Encoded))] : null,
        };
    }
}
