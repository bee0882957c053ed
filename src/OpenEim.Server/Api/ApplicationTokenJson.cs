using OpenEim.Manager.Organisations;
using OpenEim.Manager.Queries;

namespace OpenEim.Server.Api;

/// <summary>An application token as the list shows it: never its text.</summary>
internal sealed record ApplicationTokenJson
{
    public required long Id { get; init; }

    public string? Description { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DescribedJson Status { get; init; }

    public DateTimeOffset? ExpiryDate { get; init; }

    public string? Ip { get; init; }

    public required NamedJson Creator { get; init; }

    public static ApplicationTokenJson Of(ApplicationToken token) => new()
    {
        Id = token.Id,
        Description = token.Description,
        Created = token.Created,
        Status = DescribedJson.Of((int)token.Status, Descriptions.ApplicationTokenStatus),
        ExpiryDate = token.ExpiryDate,
        Ip = token.Ip,
        Creator = new NamedJson(token.CreatorId, token.CreatorName),
    };
}
