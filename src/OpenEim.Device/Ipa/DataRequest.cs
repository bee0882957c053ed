using OpenEim.Device.Transports;
using OpenEim.Protocol;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa;

/// <summary>Answers IpaEuiccDataRequest, BF52, from the card and from what the IPA knows of itself (SGP.32 2.11.1.2, 2.11.2.2).</summary>
internal sealed class DataRequest(EuiccFunctions card, IpaOptions options)
{
    /// <summary>Collects what is asked for; a tag that may not be asked for is incorrectTagList.</summary>
    /// <exception cref="CardException">The card refuses a function that every IoT eUICC has.</exception>
    public IpaEuiccDataResponse Answer(IpaEuiccDataRequest request, string eimId)
    {
        var error = Check(request.TagList.Span, out var tags);
        if (error is { } code)
        {
            return Error(request, code);
        }

        var data = new IpaEuiccData { TransactionId = request.TransactionId };
        foreach (var tag in tags.Distinct())
        {
            data = With(data, tag, request, eimId);
        }

        if (tags.Contains(IpaEuiccDataTag.EumCertificate) || tags.Contains(IpaEuiccDataTag.EuiccCertificate))
        {
            var certificates = card.GetCerts(request.CiPkId);
            if (certificates.Error is { } refusal)
            {
                // GetCerts' 1, invalidCiPKId, is this function's 5.
                return Error(request, refusal == 1 ? IpaEuiccDataErrorCode.EuiccCiPkIdNotFound : IpaEuiccDataErrorCode.UndefinedError);
            }

            data = data with
            {
                EumCertificate = tags.Contains(IpaEuiccDataTag.EumCertificate) ? certificates.EumCertificate : null,
                EuiccCertificate = tags.Contains(IpaEuiccDataTag.EuiccCertificate) ? certificates.EuiccCertificate : null,
            };
        }

        return data;
    }

    private static IpaEuiccDataErrorCode? Check(ReadOnlySpan<byte> tagList, out IReadOnlyList<uint> tags)
    {
        try
        {
            tags = IpaEuiccDataTag.Parse(tagList);
        }
        catch (ProtocolException)
        {
            tags = [];
            return IpaEuiccDataErrorCode.IncorrectTagList;
        }

        return tags.All(IpaEuiccDataTag.IsAllowed) ? null : IpaEuiccDataErrorCode.IncorrectTagList;
    }

    private static IpaEuiccDataError Error(IpaEuiccDataRequest request, IpaEuiccDataErrorCode code) =>
        new(code) { TransactionId = request.TransactionId };

    private IpaEuiccData With(IpaEuiccData data, uint tag, IpaEuiccDataRequest request, string eimId) => tag switch
    {
        IpaEuiccDataTag.Notifications => data with
        {
            Notifications = card.PendingNotifications(request.NotificationSequenceNumber, request.NotificationEvent),
        },
        IpaEuiccDataTag.PackageResults => data with { PackageResults = card.PendingResults(request.ResultSequenceNumber) },
        IpaEuiccDataTag.EuiccInfo1 => data with { EuiccInfo1 = card.GetEuiccInfo(tag) },
        IpaEuiccDataTag.EuiccInfo2 => data with { EuiccInfo2 = card.GetEuiccInfo(tag) },
        IpaEuiccDataTag.DefaultSmdpAddress => data with { DefaultSmdpAddress = card.GetConfiguredAddresses().DefaultSmdp },
        IpaEuiccDataTag.RootSmdsAddress => data with { RootSmdsAddress = card.GetConfiguredAddresses().RootSmds },
        IpaEuiccDataTag.AssociationToken => data with
        {
            AssociationToken = card.GetEimConfigurationData().Eims.FirstOrDefault(eim => eim.EimId == eimId)?.AssociationToken,
        },
        IpaEuiccDataTag.IpaCapabilities => data with { IpaCapabilities = options.Capabilities },
        IpaEuiccDataTag.DeviceInfo => data with { DeviceInfo = options.Device.EncodeValue() },
        _ => data,
    };
}
