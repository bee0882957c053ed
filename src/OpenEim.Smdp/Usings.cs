// Both the standard and HTTP have status codes.
global using HttpStatus = Microsoft.AspNetCore.Http.StatusCodes;
global using StatusCodes = OpenEim.Protocol.Sgp22.StatusCodes;
